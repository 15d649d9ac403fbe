namespace P2P.YouServ.Protocol;

/// <summary>What is to be done with a frame that came through a tunnel.</summary>
internal enum TunnelVerdict
{
    /// <summary>Do what it says.</summary>
    Take,

    /// <summary>It belongs to a lane that was given up while it was under way.</summary>
    PassOver,

    /// <summary>The lane that it opens is one too many: reset it.</summary>
    Refuse,

    /// <summary>The other end breaks the rules: the tunnel is closed.</summary>
    Break,
}
