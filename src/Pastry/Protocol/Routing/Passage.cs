namespace P2P.Pastry.Protocol;

/// <summary>Says what becomes of a message that an application has seen on its way.</summary>
internal enum Passage
{
    /// <summary>It goes on, or is delivered.</summary>
    GoesOn,

    /// <summary>The application has stopped it here, and so has taken it.</summary>
    Taken,

    /// <summary>The application has failed or declined it: it ends here, and nobody has taken it.</summary>
    Lost,
}
