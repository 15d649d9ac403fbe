namespace P2P.Past;

/// <summary>Tells how a lookup ended.</summary>
public abstract record LookupResult
{
    private LookupResult()
    {
    }

    /// <summary>A node holds the file, and its certificate has been verified.</summary>
    /// <param name="File">The file, to read from.</param>
    public sealed record Found(PastFile File) : LookupResult;

    /// <summary>Every node that should hold the file says that it does not.</summary>
    public sealed record NotFound : LookupResult
    {
        private NotFound()
        {
        }

        /// <summary>The only one.</summary>
        public static NotFound Instance { get; } = new();
    }

    /// <summary>Not everyone who might hold the file has answered; try again later.</summary>
    public sealed record Unreachable : LookupResult
    {
        private Unreachable()
        {
        }

        /// <summary>The only one.</summary>
        public static Unreachable Instance { get; } = new();
    }
}
