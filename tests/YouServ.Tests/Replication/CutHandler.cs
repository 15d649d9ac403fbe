namespace YouServ.Tests.Replication;

/// <summary>Is the wire between a peer and its coordinators, which can be cut.</summary>
internal sealed class CutHandler
{
    public volatile bool IsCut;

    public Func<HttpMessageHandler> Around(Func<HttpMessageHandler> inner) => () => new Wire(this, inner());

    private sealed class Wire(CutHandler owner, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            owner.IsCut ? throw new HttpRequestException("The wire is cut.") : base.SendAsync(request, cancellationToken);
    }
}
