namespace P2P.YouServ.Hosting;

/// <summary>Lets several have the connections of one handler, which outlives them.</summary>
internal sealed class SharedHandler(HttpMessageHandler shared) : DelegatingHandler(shared)
{
#pragma warning disable CA2215 // The base would dispose of what is shared.
    protected override void Dispose(bool disposing)
#pragma warning restore CA2215
    {
    }
}
