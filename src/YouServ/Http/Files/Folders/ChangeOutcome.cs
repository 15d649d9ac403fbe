namespace P2P.YouServ.Http.Files;

/// <summary>How a change of the folder went.</summary>
internal enum ChangeOutcome
{
    Done,

    /// <summary>What was to be changed, or the folder it would go into, is not there.</summary>
    Missing,

    /// <summary>Something else is there already.</summary>
    Exists,

    /// <summary>The system refuses: rights, a read-only disk, or a folder that would go into itself.</summary>
    Refused,

    /// <summary>The disk is full.</summary>
    NoSpace,
}
