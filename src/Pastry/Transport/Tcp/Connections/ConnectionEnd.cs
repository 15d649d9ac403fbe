namespace P2P.Pastry.Transport.Tcp;

/// <summary>Tells how a control connection came to its end.</summary>
internal enum ConnectionEnd
{
    /// <summary>One side or both said farewell.</summary>
    Farewell,

    /// <summary>It broke, or the peer broke the protocol.</summary>
    Lost,

    /// <summary>The same host came back in a new life.</summary>
    Superseded,
}
