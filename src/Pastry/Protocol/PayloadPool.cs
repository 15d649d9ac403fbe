using System.Buffers;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps payloads that have to outlive the step in which they came, without allocating: a node's own arrays for short ones, shared arrays for
/// the rest. What is given back is used again only in a later step, since this step's outbox may still speak of it.
/// </summary>
internal sealed class PayloadPool
{
    private const int ShortLength = 256;
    private const int ShortMax = 4096;

    private readonly Stack<byte[]> _free = [];
    private readonly List<byte[]> _givenBack = [];

    /// <summary>Gives a payload that stays valid until it is given back: the same object, or a copy of the bytes.</summary>
    public Payload Keep(in Payload payload)
    {
        if (payload.Array is null)
        {
            return payload;
        }

        var length = payload.Span.Length;
        return payload.CopyTo(length > ShortLength ? ArrayPool<byte>.Shared.Rent(length)
            : _free.TryPop(out var array) ? array
            : new byte[ShortLength]);
    }

    /// <summary>Takes back what <see cref="Keep"/> gave, once.</summary>
    public void GiveBack(in Payload payload)
    {
        if (payload.Array is { } array)
        {
            _givenBack.Add(array);
        }
    }

    /// <summary>Begins another step: nobody speaks any more of what was given back in earlier ones.</summary>
    public void BeginStep()
    {
        if (_givenBack.Count == 0)
        {
            return;
        }

        foreach (var array in _givenBack)
        {
            if (array.Length > ShortLength)
            {
                ArrayPool<byte>.Shared.Return(array);
            }
            else if (_free.Count < ShortMax)
            {
                _free.Push(array);
            }
        }

        _givenBack.Clear();
    }
}
