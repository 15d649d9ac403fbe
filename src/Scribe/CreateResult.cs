namespace P2P.Scribe;

/// <summary>Says what became of an attempt to begin a group.</summary>
public abstract record CreateResult
{
    private CreateResult()
    {
    }

    /// <summary>There is the group now, and its rendezvous point's neighbours know of it.</summary>
    /// <param name="Certificate">The group's certificate; its id is what others join by.</param>
    public sealed record Created(GroupCertificate Certificate) : CreateResult;

    /// <summary>There was a group of this name and creator already, with another certificate; it stays as it is.</summary>
    /// <param name="Group">The group.</param>
    public sealed record Exists(GroupId Group) : CreateResult;

    /// <summary>The rendezvous point did not take the certificate, or takes no more groups.</summary>
    public sealed record Refused : CreateResult;

    /// <summary>Nobody has answered in time; it is not known whether there is the group.</summary>
    public sealed record Indeterminate : CreateResult;
}
