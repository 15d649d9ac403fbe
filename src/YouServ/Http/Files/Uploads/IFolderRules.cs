namespace P2P.YouServ.Http.Files;

/// <summary>Keeps the rules and links of a folder's paths, which go where the files go.</summary>
internal interface IFolderRules
{
    /// <summary>Closes a path, and all beneath it, to all but the owner.</summary>
    /// <returns>The rules that were there.</returns>
    ValueTask<IReadOnlyList<AccessRule>> CloseAsync(SitePath path);

    /// <summary>Gives a path, and all beneath it, the rules that were there.</summary>
    ValueTask RestoreAsync(SitePath path, IReadOnlyList<AccessRule> rules);

    /// <summary>Moves the rules and links of a path, and of all beneath it, in place of those at another.</summary>
    ValueTask MoveAsync(SitePath from, SitePath to);

    /// <summary>Removes the rules and links of a path, and of all beneath it.</summary>
    ValueTask RemoveAsync(SitePath path);
}
