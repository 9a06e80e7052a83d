"""stub"""
import click
@click.command()
def join() -> None:
    """stub"""
