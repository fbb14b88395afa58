/** jsdom lays nothing out. What the pages ask of a browser's layout is answered here. */
export function standInForLayout(): void {
  const size = (
    name: "offsetHeight" | "offsetWidth" | "clientHeight" | "clientWidth",
    value: number,
  ) => Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
  size("offsetHeight", 600);
  size("offsetWidth", 1000);
  size("clientHeight", 600);
  size("clientWidth", 1000);

  HTMLElement.prototype.scrollTo = function scrollTo(options?: ScrollToOptions | number) {
    if (typeof options === "object") this.scrollTop = options.top ?? 0;
  };
  window.scrollTo = () => {};

  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };

  window.matchMedia = (query) =>
    Object.assign(new EventTarget(), {
      matches: false,
      media: query,
      onchange: null,
      addListener: () => {},
      removeListener: () => {},
    }) as MediaQueryList;

  globalThis.ResizeObserver = class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
}
