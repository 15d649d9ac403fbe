using System.IO.Pipelines;
using System.Net.Sockets;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Is this host's end of a stream: pipes over a secure channel.</summary>
internal sealed class StreamEnd : IDuplexPipe, IDisposable
{
    // What the writer may be ahead of the network, before it waits.
    private static readonly PipeOptions OutputOptions = new(
        pauseWriterThreshold: 256 * 1024,
        resumeWriterThreshold: 128 * 1024,
        minimumSegmentSize: 32 * 1024,
        useSynchronizationContext: false);

    private static readonly StreamPipeReaderOptions InputOptions = new(bufferSize: 64 * 1024, leaveOpen: true, useZeroByteReads: true);

    // What is read and thrown away after this end is done, so that the rest of what it wrote isn't lost to a reset.
    private const int LingerBytes = 1024 * 1024;

    private readonly HostContext _host;
    private readonly SecureChannel _channel;
    private readonly TaskSet _tasks;
    private readonly Action<SecureChannel?> _ended;
    private readonly ChunkReader _chunks;
    private readonly Pipe _output = new(OutputOptions);
    private readonly TaskCompletionSource<bool> _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _aborting;
    private int _isEnded;

    /// <summary>Takes over a channel.</summary>
    /// <param name="host">The host.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="tasks">Runs what sends.</param>
    /// <param name="ended">
    /// Is called once when the stream is over. It gets the channel back where both directions have ended as they should, so that another stream may follow on it; else
    /// the channel is closed.
    /// </param>
    public StreamEnd(HostContext host, SecureChannel channel, TaskSet tasks, Action<SecureChannel?> ended)
    {
        (_host, _channel, _tasks, _ended) = (host, channel, tasks, ended);
        _chunks = new ChunkReader(channel.Stream, host.Metrics);
        Input = PipeReader.Create(_chunks, InputOptions);
        _host.Metrics.StreamOpened();
        tasks.Run(SendAsync);
        _aborting = host.Aborting.UnsafeRegister(static end => ((StreamEnd)end!).Dispose(), this);
    }

    public PipeReader Input { get; }

    public PipeWriter Output => _output.Writer;

    /// <summary>
    /// Ends the stream. An output that was completed is still sent, as long as the other end takes it; one that was not is cut off, and the
    /// other end sees that.
    /// </summary>
    public async ValueTask CloseAsync()
    {
        // Has no effect on an output that is complete.
        await Output.CompleteAsync(new OperationCanceledException("The stream was disposed before its output was complete.")).ConfigureAwait(false);
        var sent = false;
        try
        {
            sent = await _sent.Task.WaitAsync(_host.Options.StallTimeout, _host.Time, _host.Aborting).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            _host.Logger.StreamCut(_channel.Host, "The other end did not take what was left to send.");
        }

        if (sent && _chunks.Ended)
        {
            Leave();
        }
        else if (sent)
        {
            _tasks.Run(LingerAsync);
        }
        else
        {
            Dispose();
        }
    }

    /// <summary>Closes the connection at once; the other end sees that it was cut off.</summary>
    public void Dispose()
    {
        _aborting.Unregister();
        _channel.Dispose();
        _chunks.Dispose();
        // The sender may be waiting for what to send.
        _output.Reader.CancelPendingRead();
        End(null);
    }

    /// <summary>Leaves the channel to the next stream: nothing of this one is on it any more.</summary>
    private void Leave()
    {
        _aborting.Unregister();
        End(_channel);
    }

    private void End(SecureChannel? left)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
        {
            _ended(left);
            _host.Metrics.StreamClosed();
        }
    }

    private async Task SendAsync()
    {
        try
        {
            await ChunkWriter.WriteAllAsync(_output.Reader, _channel.Stream, _host.Metrics).ConfigureAwait(false);
            await _output.Reader.CompleteAsync().ConfigureAwait(false);
            _sent.SetResult(true);
        }
        catch (Exception exception)
        {
            // Whatever ended it, nothing more goes out, and both ends learn that.
            _channel.Dispose();
            var cut = exception as IOException ?? new IOException("The connection of the stream is closed.", exception);
            await _output.Reader.CompleteAsync(cut).ConfigureAwait(false);
            _sent.SetResult(false);
        }
    }

    private async Task LingerAsync()
    {
        using var timeout = new CancellationTokenSource(_host.Options.StallTimeout, _host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _host.Aborting);
        var room = new byte[4096];
        try
        {
            for (var read = 0; read < LingerBytes && !_chunks.Ended;)
            {
                read += await _chunks.ReadAsync(room, either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or NotSupportedException)
        {
            // The other end is gone, or has had its time.
        }

        if (_chunks.Ended)
        {
            Leave();
        }
        else
        {
            Dispose();
        }
    }
}
