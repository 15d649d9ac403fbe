using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Calls peers by a handler that there is only once somebody has signed in, as the zone's authority comes with that.</summary>
internal sealed class LateHandler(YouServPeer peer) : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private HttpMessageInvoker? _inner;
    private bool _isDisposed;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Inner().SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _isDisposed = true;
            _inner?.Dispose();
        }

        base.Dispose(disposing);
    }

    private HttpMessageInvoker Inner()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                return _inner ??= new HttpMessageInvoker(peer.CreateSiteHandler());
            }
            catch (YouServException failure)
            {
                throw new HttpRequestException(failure.Message, failure);
            }
        }
    }
}
