using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Is a visitor's connection within a tunnel, as either end sees it: bytes that come, and bytes that go.</summary>
internal sealed class TunnelLane : IDuplexPipe, IAsyncDisposable
{
    /// <summary>What waits for its turn in the tunnel; whoever writes more waits.</summary>
    private const int OutBytesMax = 4 * TunnelFrame.BodyBytesMax;

    private const int PieceBytes = 32 * 1024;

    private readonly Tunnel _tunnel;
    private readonly Pipe _in;
    private readonly Pipe _out;
    private readonly Lock _taking = new();
    private readonly Lock _sending = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _takesNoMore;
    private bool _sendsNoMore;

    public TunnelLane(Tunnel tunnel, uint number, IPEndPoint visitor)
    {
        (_tunnel, Number, Visitor) = (tunnel, number, visitor);
        _in = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: PieceBytes, useSynchronizationContext: false)); // The credit bounds it.
        _out = new Pipe(new PipeOptions(pauseWriterThreshold: OutBytesMax, resumeWriterThreshold: OutBytesMax / 2, minimumSegmentSize: PieceBytes, useSynchronizationContext: false));
        Input = new MeteredReader(_in.Reader, bytes => tunnel.Consumed(number, bytes));
        Output = new LaneWriter(_out.Writer, () => tunnel.Wake(this), EndSending);
    }

    public uint Number { get; }

    /// <summary>Where the visitor comes from, as the proxy says.</summary>
    public IPEndPoint Visitor { get; }

    /// <summary>What the other end sends. It fails once the lane has been given up.</summary>
    public PipeReader Input { get; }

    /// <summary>What goes to the other end.</summary>
    public PipeWriter Output { get; }

    /// <summary>Ends when the lane is given up.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Whether the lane waits for its turn to send; the tunnel's own note.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>Takes bytes that came. They are copied; where nobody wants them any more, they are dropped.</summary>
    public void Take(in ReadOnlySequence<byte> bytes)
    {
        lock (_taking)
        {
            if (_takesNoMore)
            {
                return;
            }

            foreach (var segment in bytes)
            {
                _in.Writer.Write(segment.Span);
            }

            var flushing = _in.Writer.FlushAsync(); // Never waits: the pipe has no bound but the credit.
            System.Diagnostics.Debug.Assert(flushing.IsCompletedSuccessfully);
        }
    }

    /// <summary>No more bytes come.</summary>
    public void TakeEnd() => EndTaking(null);

    /// <summary>The lane is gone, by either end or with the whole tunnel.</summary>
    public void Abandon()
    {
        EndTaking(new IOException("The other end of the tunnel has given the connection up."));
        EndSending();
        _gone.Cancel();
    }

    /// <summary>Gives the lane up, unless both ends have ended it already. What was written before is sent.</summary>
    public async ValueTask DisposeAsync()
    {
        await Output.CompleteAsync().ConfigureAwait(false);
        await _sent.Task.ConfigureAwait(false);
        _tunnel.Reset(this);
        await _in.Reader.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>Puts as much of what waits to be sent into the wire as the credit and one frame allow. Only the tunnel's sender calls this.</summary>
    /// <returns>Whether there is more that could be sent at once.</returns>
    internal bool Send(PipeWriter wire, out int bytes)
    {
        bytes = 0;
        lock (_sending)
        {
            if (_sendsNoMore || !_out.Reader.TryRead(out var read))
            {
                return false;
            }

            bytes = _tunnel.TakeCredit(Number, read.Buffer.Length);
            var body = read.Buffer.Slice(0, Math.Max(bytes, 0));
            if (bytes > 0)
            {
                var frame = new TunnelFrame(TunnelFrameKind.Data, Number, (uint)bytes);
                var span = wire.GetSpan(TunnelFrame.HeadBytes + bytes);
                frame.Write(span);
                body.CopyTo(span[TunnelFrame.HeadBytes..]);
                wire.Advance(TunnelFrame.HeadBytes + bytes);
            }

            var rest = read.Buffer.Length - body.Length;
            _out.Reader.AdvanceTo(body.End);
            if (bytes < 0 || (rest == 0 && read.IsCompleted))
            {
                if (bytes >= 0 && _tunnel.TakeEnd(Number))
                {
                    new TunnelFrame(TunnelFrameKind.End, Number, 0).Write(wire.GetSpan(TunnelFrame.HeadBytes));
                    wire.Advance(TunnelFrame.HeadBytes);
                }

                EndSending(); // Last: whoever disposes of the lane waits for it, and then gives up what has not ended.
                return false;
            }

            return rest > 0 && bytes > 0;
        }
    }

    private void EndTaking(Exception? failure)
    {
        lock (_taking)
        {
            if (!_takesNoMore)
            {
                _takesNoMore = true;
                _in.Writer.Complete(failure);
            }
        }
    }

    private void EndSending()
    {
        lock (_sending)
        {
            if (!_sendsNoMore)
            {
                _sendsNoMore = true;
                _out.Reader.Complete();
                _sent.TrySetResult();
            }
        }
    }
}
