namespace Interp;

using System.Net;

/// <summary>What the hub's refusals mean and what to do about them.</summary>
internal static class HubErrors
{
    /// <summary>The error that a refusal stands for.</summary>
    public static Exception Refused(HttpResponseMessage response, HubRepository repository, string revision, string? file, HubOptions options)
    {
        var reason = response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : "";
        var page = $"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{repository}";
        var what = file is null ? $"'{repository}' at '{revision}'" : $"'{file}' of '{repository}' at '{revision}'";
        return (response.StatusCode, reason) switch
        {
            (_, "GatedRepo") or (HttpStatusCode.Forbidden, _) => new UnauthorizedAccessException(
                $"The hub does not give out {what}: agree to the conditions on {page}, and set HF_TOKEN to a token of that account."),
            (_, "RevisionNotFound") => new FileNotFoundException($"Repository '{repository}' has no revision '{revision}': {page} lists branches and tags."),
            (_, "EntryNotFound") => new FileNotFoundException($"Repository '{repository}' has no file '{file}' at '{revision}'.", file),
            (HttpStatusCode.Unauthorized, _) or (_, "RepoNotFound") => new UnauthorizedAccessException(
                $"There is no repository '{repository}' on {options.Endpoint}, or it is not open: check the name; for one that is not open set HF_TOKEN{(options.Token is null ? "" : ", whose present token is not accepted")}."),
            (HttpStatusCode.NotFound, _) => new FileNotFoundException($"{options.Endpoint} has no {what}: check the names on {page}.", file),
            _ => new HttpRequestException($"{options.Endpoint} answers {(int)response.StatusCode} {response.ReasonPhrase} for {what}.", null, response.StatusCode),
        };
    }
}
