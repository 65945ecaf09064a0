(() => {
  "use strict";
  const form = document.getElementById("filters");
  const cases = [...document.querySelectorAll("[data-case]")];
  const shown = document.getElementById("shown");
  const plain = (text) => text.normalize("NFKC").trim().toUpperCase();
  const open = (state) => cases.forEach((one) => {
    const details = one.querySelector("details");
    if (details && (!state || !one.hidden)) details.open = state;
  });
  if (form) {
    const field = form.elements;
    const apply = () => {
      const word = plain(field.reference.value);
      let count = 0;
      for (const one of cases) {
        const has = one.dataset;
        const fits =
          (!field.tier.value || has.tier === field.tier.value) &&
          (!field.change.value || has.change === field.change.value) &&
          (!field.type.value || has.types.split(" ").includes(field.type.value)) &&
          (!field.protected.checked || has.protected === "1") &&
          (!word || has.reference.startsWith(word));
        one.hidden = !fits;
        count += fits;
      }
      shown.textContent = `${count}世帯を表示しています(${cases.length}世帯のうち)。`;
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("open").addEventListener("click", () => open(true));
    document.getElementById("close").addEventListener("click", () => open(false));
    apply();
  }
  const follow = () => {
    const details = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.querySelector("details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", follow);
  follow();
})();
