namespace Interp;

/// <summary>Which part of a behaviour prompts are drawn from.</summary>
public enum WorldSplit
{
    /// <summary>Words and templates that occur in training, in this behaviour.</summary>
    Seen,

    /// <summary>Words that training has in other behaviours, never in this one; the templates are seen ones.</summary>
    HeldOutWords,

    /// <summary>A template that training does not have; the words are seen ones.</summary>
    HeldOutTemplates,
}
