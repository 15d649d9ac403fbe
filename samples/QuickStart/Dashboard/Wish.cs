namespace QuickStart.Dashboard;

/// <summary>Is what somebody at a page wants to be done.</summary>
internal abstract record Wish
{
    /// <summary>A node is to stop dead.</summary>
    /// <param name="Node">Its number.</param>
    internal sealed record Stop(int Node) : Wish;

    /// <summary>One more node is to be started.</summary>
    internal sealed record Start : Wish;

    /// <summary>A file is to be looked up.</summary>
    /// <param name="File">Its number.</param>
    internal sealed record Look(int File) : Wish;

    /// <summary>Something is to be said in the group.</summary>
    internal sealed record Say : Wish;
}
