namespace P2P.YouSearch.Protocol;

/// <summary>Says who is named by a summary to whom.</summary>
internal enum SummaryScope
{
    /// <summary>What everybody may read.</summary>
    Public,

    /// <summary>What more is open to those who have signed in.</summary>
    Members,
}
