using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Hosting;

/// <summary>Is what a registrar has done, or why it has not.</summary>
internal readonly record struct RegistrarAnswer<T>(T? Value, Refusal? Refusal)
    where T : class
{
    public static implicit operator RegistrarAnswer<T>(T value) => new(value, null);

    public static implicit operator RegistrarAnswer<T>(Refusal refusal) => new(null, refusal);

    public T OrThrow() => Value ?? throw new YouSearchException(Refusal!.Reason);
}
