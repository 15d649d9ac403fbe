namespace Hosts.Steps;

/// <summary>Is one of the things that happen to the ring, each after the one before.</summary>
/// <param name="ring">The ring.</param>
/// <param name="files">What is stored in it.</param>
/// <param name="stored">The files that every later step expects to find.</param>
internal abstract class Step(Ring ring, Files files, List<StoredFile> stored)
{
    /// <summary>What holds if the step passes.</summary>
    public abstract string Claim { get; }

    protected Ring Ring => ring;

    protected Files Files => files;

    protected List<StoredFile> Stored => stored;

    /// <summary>Lets it happen, and looks whether the claim holds.</summary>
    /// <exception cref="NodeSample.FailedException">It does not.</exception>
    public abstract Task RunAsync(Figures figures, CancellationToken cancellationToken);

    protected static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new NodeSample.FailedException(otherwise);
        }
    }
}
