// No gesture zooms the page, and a page that was zoomed or scrolled all the same comes back.

const FRESH = "fresh"; // a query that changes: the browser restores the zoom of an address it knows

/** Lets no gesture zoom, drag or open a menu, and scroll only where the page is higher than the screen. */
export function refuseGestures() {
  const root = document.documentElement;
  const fit = () => root.classList.toggle("scrolls", root.scrollHeight > window.innerHeight + 1);
  new ResizeObserver(fit).observe(document.body);
  window.addEventListener("resize", fit);
  const refuse = (event) => event.preventDefault();
  for (const kind of ["gesturestart", "gesturechange", "dragstart", "contextmenu"]) {
    document.addEventListener(kind, refuse, { passive: false });
  }
  document.addEventListener("wheel", (event) => event.ctrlKey && refuse(event), { passive: false });
  document.addEventListener("touchmove", (event) => {
    if (event.touches.length > 1 && event.cancelable) refuse(event);
  }, { passive: false });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && /^[-+=0]$/.test(event.key)) refuse(event);
  });
}

/** Returns whether the page stands otherwise than it was loaded. */
export function isDisplaced() {
  const view = window.visualViewport;
  return view.scale > 1.01 || view.offsetLeft > 1 || view.offsetTop > 1 || window.scrollY > 1;
}

/** Scrolls back, and loads the page anew where it is zoomed: no script can set the zoom itself. */
export function restoreView() {
  window.scrollTo(0, 0);
  if (window.visualViewport.scale <= 1.01) return;
  const address = new URL(location.href);
  address.searchParams.set(FRESH, Date.now());
  location.replace(address);
}
