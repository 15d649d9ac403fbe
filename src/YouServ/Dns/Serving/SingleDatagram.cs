using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Takes one query at a time, as any system lets it.</summary>
internal sealed class SingleDatagram(Socket socket) : DatagramBatch
{
    private readonly byte[] _query = new byte[QueryMax];
    private readonly byte[] _answer = new byte[DnsFormat.DatagramMax];
    private readonly SocketAddress _from = new(socket.AddressFamily);
    private int _queryLength;
    private int _answerLength;

    public override int Receive()
    {
        try
        {
            _from.Size = _from.Buffer.Length;
            _queryLength = socket.ReceiveFrom(_query, SocketFlags.None, _from);
            return 1;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Some systems tell here that an answer found nobody.
            return 0;
        }
    }

    public override ReadOnlySpan<byte> Query(int index) => _query.AsSpan(0, _queryLength);

    public override ClientNetwork From(int index) => ClientNetwork.Of(_from.Family, _from.Buffer.Span);

    public override Span<byte> Room(int index) => _answer;

    public override void SetAnswer(int index, int length) => _answerLength = length;

    public override void Send()
    {
        try
        {
            if (_answerLength > 0)
            {
                socket.SendTo(_answer.AsSpan(0, _answerLength), SocketFlags.None, _from);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Nobody there, no way there, or no room.
        }
    }

    public override void Dispose()
    {
    }
}
