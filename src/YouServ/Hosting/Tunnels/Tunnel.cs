using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Is one end of the connection between a proxy and a peer that nobody else can reach: many connections of visitors within one, each with credit of its own, so that none holds up another. Each end
/// asks the other for a sign of life when it has heard nothing for a while.
/// </summary>
internal sealed partial class Tunnel : IAsyncDisposable
{
    /// <summary>How many bytes of a lane may be under way, or wait to be read.</summary>
    public const int Window = 1024 * 1024;

    /// <summary>How many connections of visitors go through a tunnel at a time.</summary>
    public const int LanesMax = 1024;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly IDuplexPipe _wire;
    private readonly bool _isProxy;
    private readonly Action<TunnelLane> _opened;
    private readonly TimeProvider _clock;
    private readonly TunnelMachine _machine;
    private readonly Dictionary<uint, TunnelLane> _lanes = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ByteBudget? _budget;
    private readonly Task _sending;
    private readonly long _begunAt;
    private long _heardAt;
    private bool _isClosed;

    /// <param name="wire">The connection.</param>
    /// <param name="isProxy">Whether this is the proxy's end, which opens lanes.</param>
    /// <param name="opened">Is handed the lanes that the other end opens; must not wait.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="limits">What the proxy carries for the site; the peer does not ask.</param>
    public Tunnel(IDuplexPipe wire, bool isProxy, Action<TunnelLane> opened, TimeProvider clock, ProxyLimits? limits = null)
    {
        (_wire, _isProxy, _opened, _clock) = (wire, isProxy, opened, clock);
        _machine = new TunnelMachine(isProxy, limits?.ConnectionsPerSiteMax ?? LanesMax, Window);
        _budget = limits?.BytesPerSecondMax is { } rate ? new ByteBudget(rate) : null;
        _heardAt = _begunAt = clock.GetTimestamp();
        _sending = Task.Run(SendAllAsync);
    }

    /// <summary>How many connections go through now.</summary>
    public int LaneCount
    {
        get
        {
            lock (_gate)
            {
                return _lanes.Count;
            }
        }
    }

    /// <summary>Completes when the other end leaves, or has gone.</summary>
    public Task Left => _left.Task;

    /// <summary>Completes when the tunnel carries nothing any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Carries the tunnel until it ends: by the other end, by a failure, by silence, or when it is disposed of.</summary>
    public async Task RunAsync()
    {
        var watching = WatchAsync();
        try
        {
            await ReceiveAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            // The connection is gone; so are its lanes.
        }
        finally
        {
            Close();
            await watching.ConfigureAwait(false);
        }
    }

    /// <summary>Opens a lane for a visitor.</summary>
    /// <returns>The lane; null if there are too many, or if the tunnel is gone.</returns>
    public TunnelLane? Open(IPEndPoint visitor)
    {
        lock (_gate)
        {
            // An end that does not even take in who wants to come is not to be buried under more.
            var number = _isClosed || _posted.Count > LanesMax ? 0 : _machine.Open();
            if (number == 0)
            {
                return null;
            }

            // Posted under the same lock that gave the number: numbers rise on the wire as well.
            var lane = new TunnelLane(this, number, visitor);
            _lanes.Add(number, lane);
            PostUnderGate(new(TunnelFrameKind.Open, number, TunnelFrame.VisitorBytes), visitor);
            return lane;
        }
    }

    /// <summary>
    /// Tells the other end that this one leaves. A peer wants no lanes any more but those that are open; a proxy hopes that the peer finds somebody else, and says so in turn.
    /// </summary>
    public void Leave() => Post(new(TunnelFrameKind.Leave, 0, 0));

    /// <summary>Ends the tunnel, and all that goes through it.</summary>
    public void Close()
    {
        TunnelLane[] lanes;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            lanes = [.. _lanes.Values];
            _lanes.Clear();
        }

        _stop.Cancel();
        _work.Writer.TryComplete();
        foreach (var lane in lanes)
        {
            lane.Abandon();
        }

        _left.TrySetResult();
        _ended.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _sending.ConfigureAwait(false);

        // With a failure, since whatever waits to be written goes nowhere any more.
        await _wire.Output.CompleteAsync(new IOException("The tunnel has ended.")).ConfigureAwait(false);
        await _wire.Input.CompleteAsync().ConfigureAwait(false);
    }

    internal void Reset(TunnelLane lane)
    {
        lock (_gate)
        {
            _lanes.Remove(lane.Number);
            if (_machine.Reset(lane.Number))
            {
                PostUnderGate(new(TunnelFrameKind.Reset, lane.Number, 0));
            }
        }

        CloseIfLeft();
    }

    /// <summary>Somebody has read bytes of a lane: the other end may send more.</summary>
    internal void Consumed(uint lane, long bytes)
    {
        lock (_gate)
        {
            if (_machine.Consumed(lane, bytes) is > 0 and var credit)
            {
                PostUnderGate(new(TunnelFrameKind.Credit, lane, credit));
            }
        }
    }

    private async Task ReceiveAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var read = await _wire.Input.ReadAsync(_stop.Token).ConfigureAwait(false);
            Volatile.Write(ref _heardAt, _clock.GetTimestamp());
            var rest = read.Buffer;
            while (TunnelFrame.TryRead(rest, out var frame) && (!frame.IsSound || rest.Length >= TunnelFrame.HeadBytes + frame.BodyBytes))
            {
                if (!Take(frame, rest))
                {
                    return;
                }

                rest = rest.Slice(TunnelFrame.HeadBytes + frame.BodyBytes);
            }

            var taken = read.Buffer.Length - rest.Length;
            _wire.Input.AdvanceTo(rest.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }

            await PassAsync(taken).ConfigureAwait(false);
        }
    }

    /// <returns>Whether the tunnel goes on.</returns>
    private bool Take(TunnelFrame frame, in ReadOnlySequence<byte> bytes)
    {
        TunnelVerdict verdict;
        TunnelLane? lane;
        lock (_gate)
        {
            verdict = _machine.Receive(frame);
            lane = _lanes.GetValueOrDefault(frame.Lane);
            if (verdict == TunnelVerdict.Take && frame.Kind == TunnelFrameKind.Open)
            {
                lane = new TunnelLane(this, frame.Lane, ReadVisitor(bytes.Slice(TunnelFrame.HeadBytes)));
                _lanes.Add(frame.Lane, lane);
            }
            else if (verdict == TunnelVerdict.Take && frame.Kind == TunnelFrameKind.Reset)
            {
                _lanes.Remove(frame.Lane);
            }
        }

        switch (verdict)
        {
            case TunnelVerdict.Break:
                return false;
            case TunnelVerdict.Refuse:
                Post(new(TunnelFrameKind.Reset, frame.Lane, 0));
                return true;
            case TunnelVerdict.PassOver:
                return true;
        }

        switch (frame.Kind)
        {
            case TunnelFrameKind.Ping:
                Post(new(TunnelFrameKind.Pong, 0, 0));
                break;
            case TunnelFrameKind.Open:
                _opened(lane!);
                break;
            case TunnelFrameKind.Data:
                lane?.Take(bytes.Slice(TunnelFrame.HeadBytes, frame.BodyBytes));
                break;
            case TunnelFrameKind.Credit:
                Wake(lane);
                break;
            case TunnelFrameKind.End:
                lane?.TakeEnd();
                break;
            case TunnelFrameKind.Reset:
                lane?.Abandon();
                break;
            case TunnelFrameKind.Leave:
                _left.TrySetResult();
                CloseIfLeft();
                break;
        }

        return true;
    }

    /// <summary>The proxy ends the tunnel once the peer has left it and the last visitor has gone: the peer cannot know whether another is just coming.</summary>
    private void CloseIfLeft()
    {
        if (_isProxy && _left.Task.IsCompleted && LaneCount == 0)
        {
            Close();
        }
    }

    /// <summary>Lets nothing pass for as long as the site has used up its bytes: whoever sends is held up by the connection itself.</summary>
    private async ValueTask PassAsync(long bytes)
    {
        var wait = TimeSpan.Zero;
        if (_budget is not null)
        {
            lock (_budget)
            {
                wait = _budget.Spend(bytes, _clock.GetElapsedTime(_begunAt));
            }
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _clock, _stop.Token).ConfigureAwait(false);
            Volatile.Write(ref _heardAt, _clock.GetTimestamp()); // Not to listen is no silence of the other end.
        }
    }

    /// <summary>Asks for a sign of life after some silence, and ends the tunnel if none comes.</summary>
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Silence, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                var silence = _clock.GetElapsedTime(Volatile.Read(ref _heardAt));
                if (silence > Silence * 2.5)
                {
                    Close();
                }
                else if (silence > Silence / 2)
                {
                    Post(new(TunnelFrameKind.Ping, 0, 0));
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Whether a failure is one by which connections end.</summary>
    private static bool IsEnd(Exception failure) => failure is IOException or OperationCanceledException or InvalidOperationException or SocketException;

    private static IPEndPoint ReadVisitor(in ReadOnlySequence<byte> body)
    {
        Span<byte> bytes = stackalloc byte[TunnelFrame.VisitorBytes];
        body.Slice(0, TunnelFrame.VisitorBytes).CopyTo(bytes);
        return new(ReachPolicy.Plain(new IPAddress(bytes[..16])), System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]));
    }
}
