using System.Net;
using System.Threading.Channels;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>
/// One sender puts all frames into the wire: first what the tunnel itself has to say, then a frame of each lane in turn, so that none holds up another. What has gathered meanwhile goes out together.
/// </summary>
internal sealed partial class Tunnel
{
    private const int PostedMax = 2 * LanesMax;

    /// <summary>How much is put into the wire before it is told to go.</summary>
    private const int BatchBytes = 256 * 1024;

    private readonly Queue<(TunnelFrame Frame, IPEndPoint? Visitor)> _posted = [];
    private readonly Queue<TunnelLane> _ready = [];
    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private bool _isIdle = true;

    /// <summary>A lane has something to send, or may send more: it is given its turn.</summary>
    internal void Wake(TunnelLane? lane)
    {
        lock (_gate)
        {
            if (lane is { IsQueued: false } && !_isClosed)
            {
                lane.IsQueued = true;
                _ready.Enqueue(lane);
                WakeSender();
            }
        }
    }

    /// <summary>Takes as much of a lane's credit as there is, for so many bytes at most, and for one frame.</summary>
    /// <returns>For how many bytes; negative if the lane is gone.</returns>
    internal int TakeCredit(uint lane, long bytes)
    {
        lock (_gate)
        {
            var length = (int)Math.Min(Math.Min(_machine.MaySend(lane), bytes), TunnelFrame.BodyBytesMax);
            _machine.Sent(lane, Math.Max(length, 0));
            return length;
        }
    }

    /// <summary>A lane has sent all that it had.</summary>
    /// <returns>Whether the other end is to be told.</returns>
    internal bool TakeEnd(uint lane)
    {
        lock (_gate)
        {
            return _machine.End(lane);
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (await _work.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                _work.Reader.TryRead(out _);
                while (Gather() is > 0 and var gathered)
                {
                    var flushed = await _wire.Output.FlushAsync(_stop.Token).ConfigureAwait(false);
                    if (flushed.IsCompleted)
                    {
                        Close();
                        return;
                    }

                    await PassAsync(gathered).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            Close();
        }
    }

    /// <returns>How many bytes are to be sent.</returns>
    private int Gather()
    {
        var gathered = 0;
        while (gathered < BatchBytes)
        {
            TunnelLane? lane = null;
            lock (_gate)
            {
                while (_posted.TryDequeue(out var next))
                {
                    gathered += Put(next.Frame, next.Visitor);
                }

                if (!_ready.TryDequeue(out lane))
                {
                    _isIdle = gathered == 0;
                    break;
                }

                lane.IsQueued = false;
            }

            var hasMore = lane.Send(_wire.Output, out var bytes);
            gathered += TunnelFrame.HeadBytes + Math.Max(bytes, 0);
            if (hasMore)
            {
                Wake(lane);
            }
        }

        return gathered;
    }

    private int Put(TunnelFrame frame, IPEndPoint? visitor)
    {
        var length = TunnelFrame.HeadBytes + frame.BodyBytes;
        var span = _wire.Output.GetSpan(length);
        frame.Write(span);
        if (visitor is not null)
        {
            visitor.Address.MapToIPv6().TryWriteBytes(span[TunnelFrame.HeadBytes..], out var written);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(span[(TunnelFrame.HeadBytes + written)..], (ushort)visitor.Port);
        }

        _wire.Output.Advance(length);
        return length;
    }

    /// <summary>Sends a frame when it is its turn. Nobody waits for it: who receives must not wait for who sends. An end that asks for answers and takes none is cut off.</summary>
    private void Post(TunnelFrame frame)
    {
        lock (_gate)
        {
            PostUnderGate(frame);
        }
    }

    private void PostUnderGate(TunnelFrame frame, IPEndPoint? visitor = null)
    {
        if (_isClosed)
        {
            return;
        }

        if (_posted.Count >= PostedMax)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static tunnel => tunnel.Close(), this, preferLocal: false);
            return;
        }

        _posted.Enqueue((frame, visitor));
        WakeSender();
    }

    private void WakeSender()
    {
        if (_isIdle)
        {
            _isIdle = false;
            _work.Writer.TryWrite(true);
        }
    }
}
