namespace P2P.Past;

/// <summary>Tells whether there is room for a file.</summary>
public abstract record QuotaAnswer
{
    private QuotaAnswer()
    {
    }

    /// <summary>There is, and the file has been debited.</summary>
    /// <param name="Permit">What nodes ask for that trust a broker; null where nobody does.</param>
    public sealed record Granted(InsertPermit? Permit) : QuotaAnswer;

    /// <summary>The file would take more than the owner, or all owners together, have been granted.</summary>
    /// <param name="UsedBytes">How much the owner's files take, in bytes, each as often as it has replicas.</param>
    /// <param name="GrantedBytes">How much they may take now.</param>
    /// <param name="NeededBytes">How much this one would take.</param>
    public sealed record Exceeded(long UsedBytes, long GrantedBytes, long NeededBytes) : QuotaAnswer;

    /// <summary>The file can't be stored so, whatever room there is.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Denied(StoreRefusal Reason) : QuotaAnswer;

    /// <summary>Nobody who could tell has answered in time.</summary>
    public sealed record Unavailable : QuotaAnswer
    {
        private Unavailable()
        {
        }

        /// <summary>The only one.</summary>
        public static Unavailable Instance { get; } = new();
    }
}
