using System.Net;
using Microsoft.AspNetCore.Connections;

namespace PersonalWeb;

/// <summary>The network of a machine behind a firewall: it listens, and nobody ever gets through. What it connects to itself is free to answer.</summary>
internal sealed class WalledNetwork : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(new Silence(endpoint));

    private sealed class Silence(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.Task.WaitAsync(cancellationToken);
            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _unbound.TrySetResult();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
