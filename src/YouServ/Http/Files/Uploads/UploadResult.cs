namespace P2P.YouServ.Http.Files;

/// <summary>How a step of an upload went.</summary>
internal enum UploadResult
{
    /// <summary>The bytes are there; more are to come.</summary>
    Stored,

    /// <summary>All are there, and the file is in its place.</summary>
    Finished,

    /// <summary>There is no such upload, or no longer.</summary>
    Unknown,

    /// <summary>The client goes on from another place than the upload has come to.</summary>
    WrongOffset,

    /// <summary>More bytes than announced, or than any upload may have.</summary>
    TooLong,

    /// <summary>The disk would have less room left than is to stay free.</summary>
    NoSpace,

    /// <summary>As many uploads are unfinished as may be.</summary>
    TooMany,

    /// <summary>Something is there that is not to be overwritten, or a folder.</summary>
    Exists,

    /// <summary>What is there is not what the client thinks it is.</summary>
    Changed,

    /// <summary>The bytes are not those that the client has named by their hash; they are dropped.</summary>
    WrongContent,

    /// <summary>Another request goes on with the upload.</summary>
    Interrupted,

    /// <summary>The system lets nothing be written there.</summary>
    Refused,
}
