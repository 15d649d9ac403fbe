using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Is on whose behalf a search asks: somebody who has signed in, or nobody.</summary>
internal sealed class SearchSelf
{
    /// <summary>Somebody who has proven nothing: finds what everyone may read.</summary>
    public static SearchSelf Nobody { get; } = new();

    /// <summary>Proves to sites who asks; null for nobody.</summary>
    public UserProver? Prover { get; init; }

    /// <summary>Verifies what others prove, by proof, audience, message and greatest age.</summary>
    public ProofVerifier Verify { get; init; } = static (_, _, _, _) => null;

    /// <summary>Who asks.</summary>
    public Visitor Visitor => field ??= Prover is null ? Visitor.Anonymous : new() { User = Prover.User, Groups = Prover.Groups.ToHashSet(StringComparer.Ordinal) };
}

/// <summary>Verifies on whose behalf something was said.</summary>
internal delegate UserProof? ProofVerifier(string proof, string audience, ReadOnlyMemory<byte> message, TimeSpan ageMax);
