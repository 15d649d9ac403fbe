using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace P2P.YouServ.Hosting;

/// <summary>Is a visitor's connection within a tunnel, as either end sees it: bytes that come, and bytes that go.</summary>
internal sealed class TunnelLane : IDuplexPipe, IAsyncDisposable
{
    private readonly Tunnel _tunnel;
    private readonly Pipe _in;
    private readonly Pipe _out;
    private readonly SemaphoreSlim _credit = new(0, 1);
    private readonly CancellationTokenSource _gone = new();
    private Task _sending = Task.CompletedTask;

    public TunnelLane(Tunnel tunnel, uint number, IPEndPoint visitor)
    {
        (_tunnel, Number, Visitor) = (tunnel, number, visitor);
        _in = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false)); // The credit bounds it.
        _out = new Pipe(new PipeOptions(pauseWriterThreshold: Tunnel.Window, resumeWriterThreshold: Tunnel.Window / 2, useSynchronizationContext: false));
        Input = new MeteredReader(_in.Reader, bytes => tunnel.Consumed(number, bytes));
    }

    public uint Number { get; }

    /// <summary>Where the visitor comes from, as the proxy says.</summary>
    public IPEndPoint Visitor { get; }

    /// <summary>What the other end sends. It fails once the lane has been given up.</summary>
    public PipeReader Input { get; }

    /// <summary>What goes to the other end.</summary>
    public PipeWriter Output => _out.Writer;

    /// <summary>Ends when the lane is given up.</summary>
    public CancellationToken Gone => _gone.Token;

    public void Start() => _sending = Task.Run(SendAsync);

    /// <summary>The lane may send more, or is gone: whoever waits looks again.</summary>
    public void Wake()
    {
        lock (_credit)
        {
            if (_credit.CurrentCount == 0)
            {
                _credit.Release();
            }
        }
    }

    /// <summary>Takes bytes that came. They are copied.</summary>
    public void Take(in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            _in.Writer.Write(segment.Span);
        }

        _ = _in.Writer.FlushAsync().AsTask(); // Never waits: the pipe has no bound but the credit.
    }

    /// <summary>No more bytes come.</summary>
    public void TakeEnd() => _in.Writer.Complete();

    /// <summary>The lane is gone, by the other end or with the whole tunnel.</summary>
    public void Abandon()
    {
        _in.Writer.Complete(new IOException("The other end of the tunnel has given the connection up."));
        _out.Reader.CancelPendingRead();
        _gone.Cancel();
        Wake();
    }

    /// <summary>Gives the lane up, unless both ends have ended it already.</summary>
    public async ValueTask DisposeAsync()
    {
        await _out.Writer.CompleteAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(false);
        _tunnel.Reset(this);
        await _in.Reader.CompleteAsync().ConfigureAwait(false);
    }

    private async Task SendAsync()
    {
        try
        {
            while (!_gone.IsCancellationRequested)
            {
                var read = await _out.Reader.ReadAsync().ConfigureAwait(false);
                for (var rest = read.Buffer; !rest.IsEmpty && !_gone.IsCancellationRequested;)
                {
                    var sent = await _tunnel.SendDataAsync(Number, rest).ConfigureAwait(false);
                    rest = rest.Slice(sent);
                    if (sent == 0)
                    {
                        await _credit.WaitAsync().ConfigureAwait(false);
                    }
                }

                _out.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    await _tunnel.SendEndAsync(Number).ConfigureAwait(false);
                    break;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The tunnel is gone, and the lane with it.
        }

        await _out.Reader.CompleteAsync().ConfigureAwait(false);
    }
}
