// Starts GraphiQL on this page's own address. The fragment may hold a token and documents to begin with:
// #token=…&query=…&query=… Fragments are not sent to servers, so the token is in no log.
"use strict";

(function () {
  const KEPT = "huikuan.token"; // for this browser tab alone, so that a reload stays signed in
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  if (fragment.has("token")) {
    window.sessionStorage.setItem(KEPT, fragment.get("token"));
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
  }
  const token = window.sessionStorage.getItem(KEPT);

  const examples = [
    `# Ctrl-Enter runs this query, Ctrl-Space completes; the book at the left explains every type and field.
# To sign in, put {"Authorization": "Bearer <token>"} into the headers below.
query Queries {
  __schema {
    queryType {
      fields { name description }
    }
  }
}
`,
    `# Everything that can be done, and what it needs to know.
query Mutations {
  __schema {
    mutationType {
      fields { name description args { name description } }
    }
  }
}
`,
  ];

  const authorization = token ? { Authorization: "Bearer " + token } : {};
  const headers = token ? JSON.stringify(authorization, null, 2) : "";
  const given = fragment.getAll("query");
  const queries = given.length ? given : examples;

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      // The editor's headers win; these serve the tabs that GraphiQL remembers without their headers.
      fetcher: GraphiQL.createFetcher({
        url: window.location.pathname,
        headers: authorization,
        subscriptionUrl: window.location.origin.replace(/^http/, "ws") + window.location.pathname,
        wsConnectionParams: authorization,
      }),
      defaultEditorToolsVisibility: "headers",
      defaultHeaders: headers,
      defaultQuery: queries[0],
      defaultTabs: queries.map((query) => ({ query: query, headers: headers })),
      query: given[0],
      headers: headers || undefined,
      shouldPersistHeaders: false,
    }),
  );
})();
