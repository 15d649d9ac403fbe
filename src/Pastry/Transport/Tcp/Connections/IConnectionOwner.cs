namespace P2P.Pastry.Transport.Tcp;

/// <summary>Learns what happens on a control connection that concerns the others.</summary>
internal interface IConnectionOwner
{
    /// <summary>The other host has proven one more of its nodes, or the same again.</summary>
    void NodeProven(ControlConnection connection, ushort index, NodeHandle node);

    /// <summary>A node no longer lives at the other host, or its delegation ran out.</summary>
    void NodeGone(ControlConnection connection, NodeHandle node);

    /// <summary>The other host writes nothing more to the connection.</summary>
    void FarewellReceived(ControlConnection connection);
}
