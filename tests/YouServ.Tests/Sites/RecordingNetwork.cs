using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace YouServ.Tests.Sites;

/// <summary>The network of a peer, which keeps all that passes: what comes to it and what leaves it, in every connection.</summary>
internal sealed class RecordingNetwork : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
    private readonly List<MemoryStream> _records = [];

    /// <summary>Whether some bytes have passed, in whichever connection and direction.</summary>
    public bool Holds(ReadOnlySpan<byte> bytes)
    {
        foreach (var record in Records())
        {
            if (record.AsSpan().IndexOf(bytes) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    public long Count() => Records().Sum(record => (long)record.Length);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(this, await _sockets.BindAsync(endpoint, cancellationToken));

    private List<byte[]> Records()
    {
        lock (_records)
        {
            return [.. _records.Select(record =>
            {
                lock (record)
                {
                    return record.ToArray();
                }
            })];
        }
    }

    private MemoryStream NewRecord()
    {
        var record = new MemoryStream();
        lock (_records)
        {
            _records.Add(record);
        }

        return record;
    }

    private static void Note(MemoryStream record, ReadOnlySpan<byte> bytes)
    {
        lock (record)
        {
            record.Write(bytes);
        }
    }

    private sealed class Listener(RecordingNetwork network, IConnectionListener listener) : IConnectionListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            var connection = await listener.AcceptAsync(cancellationToken);
            if (connection is not null)
            {
                connection.Transport = new Recorded(new Reader(connection.Transport.Input, network.NewRecord()), new Writer(connection.Transport.Output, network.NewRecord()));
            }

            return connection;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }

    private sealed record Recorded(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Notes what is consumed.</summary>
    private sealed class Reader(PipeReader inner, MemoryStream record) : PipeReader
    {
        private System.Buffers.ReadOnlySequence<byte> _buffer;

        public override bool TryRead(out ReadResult result)
        {
            var isRead = inner.TryRead(out result);
            _buffer = result.Buffer;
            return isRead;
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var result = await inner.ReadAsync(cancellationToken);
            _buffer = result.Buffer;
            return result;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            foreach (var segment in _buffer.Slice(0, consumed))
            {
                Note(record, segment.Span);
            }

            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class Writer(PipeWriter inner, MemoryStream record) : PipeWriter
    {
        private Memory<byte> _memory;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            Note(record, _memory.Span[..bytes]);
            _memory = _memory[bytes..];
            inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
