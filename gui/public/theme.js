// Runs before the first paint, so that a dark page never flashes white. A file of its own
// because the server's policy forbids inline scripts.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("atlas-theme") || "system";
  } catch {
    // Storage can be switched off; the system's theme is right then.
  }
  const isDark =
    choice === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : choice === "dark";
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
})();
