using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>Is a file that simulated users insert.</summary>
internal sealed record SimulatedFile(FileCertificate Certificate, byte[] Content)
{
    public FileId Id => Certificate.FileId;

    public int Replicas => Certificate.ReplicaCount;
}

/// <summary>Is an insert under way or ended.</summary>
internal sealed class SimulatedInsert : IProgress<InsertProgress>
{
    private readonly PastrySimulation _simulation;
    private readonly CancellationToken _givenUp;
    private readonly Action _giveUp;

    public SimulatedInsert(SimulatedFile file, PastrySimulation simulation)
    {
        var givingUp = new CancellationTokenSource();
        _simulation = simulation;
        _givenUp = givingUp.Token;
        _giveUp = givingUp.Cancel;
        File = file;
    }

    public SimulatedFile File { get; }

    public int Receipts { get; private set; }

    public InsertResult? Result { get; private set; }

    /// <summary>Why there is no result: the client's node stopped.</summary>
    public PastException? Failure { get; private set; }

    public bool HasEnded => Result is not null || Failure is not null;

    public Instant EndedAt { get; private set; }

    /// <summary>Lets the user give up, in the world's next event.</summary>
    public void Cancel() => _simulation.Schedule(TimeSpan.Zero, _giveUp);

    public void Report(InsertProgress value) => Receipts = value.Receipts;

    /// <summary>Inserts the file under the very certificate that a test has made.</summary>
    public async Task RunAsync(IPastStore store)
    {
        try
        {
            Result = await store.ResumeInsertAsync(File.Certificate, ContentSource.FromBytes(File.Content), this, _givenUp).ConfigureAwait(false);
        }
        catch (PastException exception)
        {
            Failure = exception;
        }

        EndedAt = _simulation.Now;
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
    public SimulatedOutcome Outcome { get; private set; }

    /// <summary>Why there is no outcome: the client's node stopped, or no holder gave the content to its end.</summary>
    public PastException? Failure { get; private set; }

    public bool HasEnded => Outcome != SimulatedOutcome.None || Failure is not null;

    public FileCertificate? Certificate { get; private set; }

    public byte[]? Content { get; private set; }

    public async Task RunAsync(IPastStore store)
    {
        try
        {
            var result = await store.LookupAsync(file).ConfigureAwait(false);
            if (result is LookupResult.Found found)
            {
                Certificate = found.File.Certificate;
                Content = await found.File.ReadAllBytesAsync().ConfigureAwait(false);
            }

            Outcome = result switch
            {
                LookupResult.Found => SimulatedOutcome.Found,
                LookupResult.NotFound => SimulatedOutcome.NotFound,
                _ => SimulatedOutcome.Unreachable,
            };
        }
        catch (PastException exception)
        {
            Failure = exception;
        }
    }
}

/// <summary>Is a file that is being taken back, or has been.</summary>
internal sealed class SimulatedReclaim(SimulatedFile file)
{
    public SimulatedFile File => file;

    public ReclaimResult? Result { get; private set; }

    public async Task RunAsync(IPastStore store) => Result = await store.ReclaimAsync(file.Certificate, TestFiles.Owner).ConfigureAwait(false);
}

/// <summary>Is a node's leaving for good.</summary>
internal sealed class SimulatedRetirement
{
    /// <summary>Whether others hold all that the node held.</summary>
    public bool HasEnded { get; private set; }

    public async Task RunAsync(PastStore store)
    {
        await store.RetireAsync().ConfigureAwait(false);
        HasEnded = true;
    }
}
