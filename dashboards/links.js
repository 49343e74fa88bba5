// A link to another of our pages opens it as the menu does, within the page that stands: scripts and styles are not fetched and read anew.
// Streamlit itself goes to where the browser's history is told to have gone. The browser follows the link in its own way into a new tab or
// window, where there is no server to ask, and while an answer to the reader is still to come, such as to a field that the press has left:
// that answer would write its choices into the new address.
(() => {
  let leftField = false;
  addEventListener("pointerdown", () => { leftField = !!document.activeElement?.matches("input, textarea"); }, true);
  addEventListener("keydown", () => { leftField = false; }, true);
  addEventListener("click", (click) => {
    const link = click.target.closest?.(".stHtml a[href]");
    const elsewhere = click.button !== 0 || click.ctrlKey || click.metaKey || click.shiftKey || click.altKey;
    const stands = document.querySelector("[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]");
    if (!link || elsewhere || link.origin !== location.origin || leftField || !stands) return;
    click.preventDefault();
    if (link.href !== location.href) history.pushState(null, "", link.href);
    dispatchEvent(new PopStateEvent("popstate"));
    // whoever reads by keyboard or by ear begins at the top, as on a page that is opened anew
    const main = document.querySelector("[data-testid=stMain]");
    main.tabIndex = -1;
    main.focus({ preventScroll: true });
    main.scrollTo(0, 0);
  });
})();
