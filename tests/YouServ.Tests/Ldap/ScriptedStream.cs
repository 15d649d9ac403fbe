namespace YouServ.Tests.Ldap;

/// <summary>Is a connection to a directory that says what it is told to, whatever it is asked; and then ends, or is silent.</summary>
internal sealed class ScriptedStream(byte[] answers, bool isSilentAtEnd = false) : Stream
{
    private readonly MemoryStream _answers = new(answers);
    private readonly TaskCompletionSource _silence = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when all has been said, and more is waited for.</summary>
    public Task Silence => _silence.Task;

    /// <summary>What it was asked.</summary>
    public MemoryStream Asked { get; } = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (isSilentAtEnd && _answers.Position == _answers.Length)
        {
            _silence.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return _answers.Read(buffer.Span);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Asked.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => _answers.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => Asked.Write(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
