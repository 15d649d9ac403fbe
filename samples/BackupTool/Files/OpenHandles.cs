using Microsoft.Win32.SafeHandles;

namespace BackupTool.Files;

/// <summary>Keeps files and folders open that are likely to be used again, a bounded number: beyond it, what has not been used for longest is closed.</summary>
/// <remarks>May be used from several threads. What is in use is never closed, so that there may be one more for each thread.</remarks>
internal sealed class OpenHandles(int max) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, Slot> _slots = new(ReferenceEqualityComparer.Instance);
    private readonly LinkedList<Slot> _idle = [];

    /// <summary>Borrows the handle of something, which is opened unless it is open.</summary>
    public Lease Take(object key, Func<SafeFileHandle> open)
    {
        lock (_lock)
        {
            return Find(key) ?? Add(key, open());
        }
    }

    /// <summary>Borrows the handle of something if it is open.</summary>
    public Lease? TryTake(object key)
    {
        lock (_lock)
        {
            return Find(key);
        }
    }

    /// <summary>Closes the handle of something, when it is no longer in use.</summary>
    public void Close(object key)
    {
        lock (_lock)
        {
            if (_slots.Remove(key, out var slot))
            {
                slot.IsClosing = true;
                CloseIfIdle(slot);
            }
        }
    }

    public void Dispose()
    {
        foreach (var key in _slots.Keys.ToList())
        {
            Close(key);
        }
    }

    private Lease? Find(object key)
    {
        if (!_slots.TryGetValue(key, out var slot))
        {
            return null;
        }

        if (slot.Users++ == 0)
        {
            _idle.Remove(slot.Place);
        }

        return new Lease(this, slot);
    }

    private Lease Add(object key, SafeFileHandle handle)
    {
        var slot = new Slot(key, handle) { Users = 1 };
        _slots.Add(key, slot);
        CloseSurplus();
        return new Lease(this, slot);
    }

    private void Return(Slot slot)
    {
        lock (_lock)
        {
            if (--slot.Users > 0)
            {
                return;
            }

            _idle.AddLast(slot.Place);
            if (slot.IsClosing)
            {
                CloseIfIdle(slot);
            }

            CloseSurplus();
        }
    }

    private void CloseSurplus()
    {
        while (_slots.Count > max && _idle.First is { } oldest)
        {
            _slots.Remove(oldest.Value.Key);
            CloseIfIdle(oldest.Value);
        }
    }

    private void CloseIfIdle(Slot slot)
    {
        if (slot.Users == 0)
        {
            _idle.Remove(slot.Place);
            slot.Handle.Dispose();
        }
    }

    /// <summary>Is a handle that is in use until it is given back.</summary>
    internal readonly struct Lease(OpenHandles owner, Slot slot) : IDisposable
    {
        public SafeFileHandle Handle => slot.Handle;

        /// <summary>The number by which the calls of Unix know it.</summary>
        public int Descriptor => (int)slot.Handle.DangerousGetHandle();

        public void Dispose() => owner.Return(slot);
    }

    internal sealed class Slot
    {
        public Slot(object key, SafeFileHandle handle)
        {
            Key = key;
            Handle = handle;
            Place = new LinkedListNode<Slot>(this);
        }

        public object Key { get; }

        public SafeFileHandle Handle { get; }

        public LinkedListNode<Slot> Place { get; }

        public int Users { get; set; }

        public bool IsClosing { get; set; }
    }
}
