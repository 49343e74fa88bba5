// A link to another of our pages opens it as the menu does, within the page that stands: scripts and styles are not fetched and read anew.
// Streamlit itself goes to where the browser's history is told to have gone. Where there is no server to ask, and for a new tab or
// window, the browser follows the link in its own way.
(() => {
  if (window.sanxingLinks) return;
  window.sanxingLinks = true;
  addEventListener("click", (click) => {
    const link = click.target.closest?.(".stHtml a[href]");
    const elsewhere = click.button !== 0 || click.ctrlKey || click.metaKey || click.shiftKey || click.altKey;
    if (!link || elsewhere || link.origin !== location.origin || !document.querySelector("[data-test-connection-state=CONNECTED]")) return;
    click.preventDefault();
    history.pushState(null, "", link.href);
    dispatchEvent(new PopStateEvent("popstate"));
    document.querySelector("[data-testid=stMain]").scrollTo(0, 0);
  });
})();
