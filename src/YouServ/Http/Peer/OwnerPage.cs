using P2P.YouServ.Hosting;

namespace P2P.YouServ.Http;

/// <summary>The page on which an owner publishes files and says who may read them. Its script fills it (<c>Pages/owner.js</c>).</summary>
internal static class OwnerPage
{
    public static string Of(PeerIdentity identity, IReadOnlyList<PageEntry> entries) => PageLayout.Of(
        "Your site",
        identity.Host,
        Html.Of($"""<nav>{PageLayout.Entries(entries)}<a href="{identity.Coordinator.GetLeftPart(UriPartial.Authority)}/">All sites</a> <span class="faint">{identity.DisplayName}</span> <form method="post" action="/.youserv/sign-out"><button class="quiet">Sign out</button></form></nav>"""),
        Html.Of($"""
            <p id="state" class="state" role="status"></p>
            <p id="ways" class="faint"></p>
            <section id="files" aria-labelledby="files-title">
              <div class="row spread">
                <h2 id="files-title">Files</h2>
                <div class="row">
                  <button id="new-folder">New folder</button>
                  <label class="button primary" tabindex="0">Upload files<input id="upload" type="file" multiple hidden></label>
                </div>
              </div>
              <nav id="trail" class="row" aria-label="Folder"></nav>
              <div id="drop" class="drop">
                <table class="list">
                  <thead><tr><th scope="col">Name</th><th scope="col" class="number">Size</th><th scope="col">Who may read</th><th scope="col"></th></tr></thead>
                  <tbody id="entries"></tbody>
                </table>
                <p class="faint hint">Drop files here to upload them.</p>
              </div>
              <ul id="transfers" class="transfers" aria-live="polite"></ul>
            </section>
            <section aria-labelledby="links-title">
              <h2 id="links-title">Share links</h2>
              <p class="faint">Whoever has a link can read what it opens, without signing in, until it ends or you revoke it.</p>
              <table class="list"><tbody id="links"></tbody></table>
            </section>
            <section aria-labelledby="copies-title">
              <h2 id="copies-title">Copies</h2>
              <p class="faint">Somebody who keeps a copy serves your site while your machine is off. A copy has all files, whoever may read them: invite people whom you would give a key to your office.</p>
              <table class="list"><tbody id="replicas"></tbody></table>
              <form id="invite" class="row"><input id="invite-name" placeholder="Whom? Such as alice" aria-label="Name of a site" autocapitalize="none" spellcheck="false" required><button id="invite-send" disabled>Invite</button></form>
              <div id="held-section" hidden>
                <h3>Of others, at your machine</h3>
                <table class="list"><tbody id="held"></tbody></table>
              </div>
            </section>
            <section id="log" aria-labelledby="log-title">
              <h2 id="log-title">Who has read what</h2>
              <table class="list">
                <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th></tr></thead>
                <tbody id="readings"></tbody>
              </table>
              <p><button id="more-readings" hidden>Earlier</button></p>
            </section>
            <dialog id="access"><form method="dialog" class="stacked">
              <h2>Who may read <span id="access-name"></span></h2>
              <label class="choice"><input type="radio" name="audience" value="inherit"> <span>As its folder says</span></label>
              <label class="choice"><input type="radio" name="audience" value="owner"> <span>Only me</span></label>
              <label class="choice"><input type="radio" name="audience" value="named"> <span>These people and groups</span></label>
              <label>People <input id="access-users" placeholder="alice@example.org, bob@example.org" autocapitalize="none" spellcheck="false"></label>
              <label>Groups <input id="access-groups" placeholder="staff, research" autocapitalize="none" spellcheck="false"></label>
              <label class="choice"><input type="radio" name="audience" value="signed-in"> <span>Everyone who has signed in</span></label>
              <label class="choice"><input type="radio" name="audience" value="everyone"> <span>Everyone, also without signing in</span></label>
              <p class="problem" id="access-problem" role="alert"></p>
              <div class="row"><button class="primary" value="save">Save</button><button value="cancel">Cancel</button></div>
            </form></dialog>
            <dialog id="share"><form method="dialog" class="stacked">
              <h2>Share <span id="share-name"></span></h2>
              <label>The link ends <select id="share-span">
                <option value="3600">in an hour</option><option value="86400">tomorrow</option><option value="604800" selected>in a week</option><option value="2592000">in a month</option><option value="">when I revoke it</option>
              </select></label>
              <label id="share-result" hidden>Send this to whom you trust; it is not shown again <input id="share-url" readonly></label>
              <p class="problem" id="share-problem" role="alert"></p>
              <div class="row"><button class="primary" id="share-create" type="button">Make link</button><button id="share-copy" type="button" hidden>Copy</button><button value="close">Close</button></div>
            </form></dialog>
            """),
        OwnPaths.AssetsPath,
        "owner.js");
}
