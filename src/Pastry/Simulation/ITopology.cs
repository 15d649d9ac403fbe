namespace P2P.Pastry.Simulation;

/// <summary>Says how far simulated hosts are from each other. Hosts are numbered from 0.</summary>
public interface ITopology
{
    /// <summary>Gives the delay of a message from one host to another, without queueing or loss.</summary>
    TimeSpan Delay(int from, int to);
}
