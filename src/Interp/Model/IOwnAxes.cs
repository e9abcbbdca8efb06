namespace Interp.Extending;

/// <summary>A component whose hook points have axes of its own, such as the features of a dictionary, and that knows their length.</summary>
public interface IOwnAxes
{
    /// <summary>The length of an axis of one of the component's sites; null where it is not its own.</summary>
    /// <param name="site">The site.</param>
    /// <param name="axis">The name of the axis.</param>
    long? Length(Site site, string axis);
}
