namespace P2P.Scribe;

/// <summary>Lists what a <see cref="GroupCapability"/> allows.</summary>
[Flags]
public enum GroupRights
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To join the group, where its members are invited.</summary>
    Join = 1,

    /// <summary>To publish in the group, where its authors are invited.</summary>
    Publish = 2,
}
