using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>Is a file that simulated users insert.</summary>
internal sealed record SimulatedFile(FileCertificate Certificate, byte[] Content)
{
    public FileId Id => Certificate.FileId;

    public int Replicas => Certificate.ReplicaCount;

    public bool IsInline(PastOptions options) => Content.Length <= options.InlineLengthMax;
}

/// <summary>Is an insert under way or ended.</summary>
internal sealed class SimulatedInsert(ulong operation, SimulatedFile file)
{
    public ulong Operation { get; } = operation;

    public SimulatedFile File { get; } = file;

    public int Receipts { get; set; }

    public InsertResult? Result { get; private set; }

    public Instant EndedAt { get; private set; }

    public void End(InsertResult result, Instant now)
    {
        Assert.Null(Result);
        Result = result;
        EndedAt = now;
    }
}

internal enum SimulatedOutcome
{
    None,
    Found,
    NotFound,
    Unreachable,
}

/// <summary>Is a lookup under way or ended.</summary>
internal sealed class SimulatedLookup(FileId file)
{
    public FileId FileId { get; } = file;

    public SimulatedOutcome Outcome { get; private set; }

    public NodeHandle? Holder { get; private set; }

    public FileCertificate? Certificate { get; private set; }

    public ReadOnlyMemory<byte>? Content { get; private set; }

    public void Found(LookupAnswered answered)
    {
        End(SimulatedOutcome.Found);
        (Holder, Certificate, Content) = (answered.Holder, answered.Certificate, answered.Content);
    }

    public void End(SimulatedOutcome outcome)
    {
        Assert.Equal(SimulatedOutcome.None, Outcome);
        Outcome = outcome;
    }
}
