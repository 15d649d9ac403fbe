using System.Net;
using System.Net.Http.Headers;

namespace YouServ.Tests.Sites;

/// <summary>What a browser got.</summary>
internal sealed record Page(HttpStatusCode Status, Uri? Redirect, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders);
