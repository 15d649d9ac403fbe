using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Takes queries from a socket, as many as are there up to a bound, and brings the answers back to whoever asked. One thread uses it.</summary>
internal abstract class DatagramBatch : IDisposable
{
    /// <summary>Queries are shorter; what is longer arrives cut off, and is answered as what can't be read.</summary>
    protected const int QueryMax = DnsFormat.DatagramMax;

    /// <summary>Makes the fastest kind that the system has.</summary>
    public static DatagramBatch Over(Socket socket) => LinuxDatagramBatch.IsSupportedFor(socket) ? new LinuxDatagramBatch(socket) : new SingleDatagram(socket);

    /// <summary>Waits for at least one query.</summary>
    /// <returns>How many came; 0 after one that could not be received, and when the socket is closed.</returns>
    public abstract int Receive();

    public abstract ReadOnlySpan<byte> Query(int index);

    public abstract ClientNetwork From(int index);

    /// <summary>Gives room for an answer.</summary>
    public abstract Span<byte> Room(int index);

    /// <summary>Says how long an answer is; 0 is none.</summary>
    public abstract void SetAnswer(int index, int length);

    /// <summary>Sends the answers. One that can't be sent is lost: whoever asked asks again.</summary>
    public abstract void Send();

    public abstract void Dispose();
}
