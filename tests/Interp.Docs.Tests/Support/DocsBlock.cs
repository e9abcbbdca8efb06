namespace Interp.Docs.Tests.Support;

/// <summary>A C# block of a page.</summary>
/// <param name="Line">The page's line on which the code begins, counted from 1.</param>
/// <param name="Code">The code, with a newline at its end.</param>
/// <param name="NotRun">Why the page says that the block is not run; null where it is run.</param>
/// <param name="Shown">Whether readers see it: a block inside a comment only makes what the others take for given.</param>
internal sealed record DocsBlock(int Line, string Code, string? NotRun, bool Shown);
