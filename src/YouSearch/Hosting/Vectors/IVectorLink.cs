using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Hosting;

/// <summary>Leads to somebody who holds one vector of all summaries.</summary>
internal interface IVectorLink : IDisposable
{
    /// <summary>Asks, or tells something.</summary>
    /// <returns>The answer; null if there is none within a short time, which says nothing of whether what was told has arrived.</returns>
    ValueTask<VectorReply?> CallAsync(VectorRequest request, CancellationToken cancellationToken = default);
}
