namespace Interp;

/// <summary>What an <see cref="IllusionCheck"/> found.</summary>
public enum IllusionVerdict
{
    /// <summary>Patching the direction hardly changes the metric (less than a hundredth of source minus base): there is nothing to explain.</summary>
    NoEffect,

    /// <summary>The part that the next weight reads keeps at least 80 % of the effect.</summary>
    Carried,

    /// <summary>That part keeps between 20 % and 80 %.</summary>
    Mixed,

    /// <summary>That part keeps at most 20 %: the effect came from a part that nobody reads moving one that does not vary.</summary>
    Illusion,
}
