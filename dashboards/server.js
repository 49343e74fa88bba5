// Where Streamlit's server is: at the root of this address, whichever page is opened. Without being told, a page that is opened by its own
// address looks for the server below that address first, and only after a pause at the root. What is told of the host lets it connect at once,
// and no other site's page talk to this one.
window.__streamlit = {
  BACKEND_BASE_URL: location.origin,
  MAIN_PAGE_BASE_URL: location.origin,
  HOST_CONFIG: { allowedOrigins: [location.origin], useExternalAuthToken: false },
};
