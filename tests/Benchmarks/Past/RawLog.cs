using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Benchmarks.Past;

/// <summary>Writes what waits together to the end of a file, and flushes it to the disk once for all.</summary>
internal sealed class RawLog : IAsyncDisposable
{
    private const long LengthMax = 1L << 30;

    private readonly Channel<(ReadOnlyMemory<byte> Bytes, TaskCompletionSource Written)> _waiting =
        Channel.CreateBounded<(ReadOnlyMemory<byte>, TaskCompletionSource)>(256);

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly Task _writing;

    public RawLog(string path)
    {
        _path = path;
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        _writing = Task.Run(WriteAllAsync);
    }

    public async Task AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _waiting.Writer.WriteAsync((bytes, written));
        await written.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.Complete();
        await _writing;
        _file.Dispose();
        File.Delete(_path);
    }

    private async Task WriteAllAsync()
    {
        var end = 0L;
        var written = new List<TaskCompletionSource>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (_waiting.Reader.TryRead(out var next))
            {
                RandomAccess.Write(_file, next.Bytes.Span, end);
                end = (end + next.Bytes.Length) % LengthMax;
                written.Add(next.Written);
            }

            RandomAccess.FlushToDisk(_file);
            written.ForEach(one => one.SetResult());
            written.Clear();
        }
    }
}
