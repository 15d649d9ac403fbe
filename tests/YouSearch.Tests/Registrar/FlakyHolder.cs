using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;

namespace YouSearch.Tests.Registrar;

/// <summary>Holds a vector behind a wire that fails when it is told to. What passes, passes as bytes.</summary>
internal sealed class FlakyHolder(int vector) : IVectorLink
{
    private static ulong _epochs = 1;

    private VectorHolder _holder = New(vector);

    /// <summary>Whether nothing comes through.</summary>
    public bool IsCut { get; set; }

    /// <summary>Whether requests arrive whose answers are lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Completes before a query is answered, so that something can happen meanwhile.</summary>
    public Task Before { get; set; } = Task.CompletedTask;

    /// <summary>What was asked last.</summary>
    public VectorRequest? Last { get; private set; }

    public void Restart() => _holder = New(vector);

    public async ValueTask<VectorReply?> CallAsync(VectorRequest request, CancellationToken cancellationToken)
    {
        if (IsCut)
        {
            return null;
        }

        Assert.True(VectorRequest.TryRead(request.ToBytes(), out var read));
        Last = read;
        if (read.Kind == VectorRequestKind.Find)
        {
            await Before;
        }

        Assert.True(VectorReply.TryRead(_holder.Answer(read).ToBytes(), out var reply));
        return LosesAnswers ? null : reply;
    }

    /// <summary>Says something again that was said before.</summary>
    public VectorOutcome Repeat(VectorRequest request) => _holder.Answer(request).Outcome;

    public void Dispose()
    {
    }

    private static VectorHolder New(int vector) => new(vector, 1L << 30, () => ++_epochs);
}
